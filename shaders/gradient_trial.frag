#version 330 core

// Samples two distant places of a texture in neighbouring pixels, with gradients that say both footprints are small.

uniform sampler2D sheet;

out vec4 color;

void main() {
    vec2 small = vec2(1e-3, 0.0);
    color = textureGrad(sheet, vec2(gl_FragCoord.x < 1.0 ? 0.25 : 0.75, 0.5), small, small.yx);
}
