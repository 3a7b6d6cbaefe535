"""Fields as web pages: one file that needs no network, computes in WebGL 2 and shows what the field gives in torch.

The page's own code lies beside this: JavaScript and shaders in files that are put together when a page is written.
"""
