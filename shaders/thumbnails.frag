#version 330 core

// Colours come multiplied by alpha; what is outside of a mask is not drawn.

#include "nearer.glsl"

uniform sampler2DArray pictures;

in vec3 at;
in float depth;

out vec4 color;

void main() {
    vec4 pixel = texture(pictures, at);
    if (pixel.a < 0.5 || is_hidden(depth)) {
        discard;
    }
    color = vec4(pixel.rgb / pixel.a, 1.0);
}
