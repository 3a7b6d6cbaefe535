"""The shipped model: a fish in a coat of fine scales, made from nothing but the numbers here."""
