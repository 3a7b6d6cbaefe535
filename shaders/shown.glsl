// Values from 0 (black) to 1 (white) as colours that a display shows.

#ifdef VALUES_ARE_LINEAR
vec3 shown(vec3 linear) {
    linear = max(linear, 0.0);
    return mix(1.055 * pow(linear, vec3(1.0 / 2.4)) - 0.055, 12.92 * linear, lessThanEqual(linear, vec3(0.0031308)));
}
#else
vec3 shown(vec3 encoded) {
    return encoded;
}
#endif
