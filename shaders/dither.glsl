// Less than one step of an 8-bit display, so that slow gradients show no bands (interleaved gradient noise).
float dither(vec2 position) {
    return (fract(52.9829189 * fract(dot(position, vec2(0.06711056, 0.00583715)))) - 0.5) / 255.0;
}
