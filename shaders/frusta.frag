#version 330 core

// Lines of one colour each.

#include "nearer.glsl"

in vec3 line_colour;
in float depth;

out vec4 color;

void main() {
    if (is_hidden(depth)) {
        discard;
    }
    color = vec4(line_colour, 1.0);
}
