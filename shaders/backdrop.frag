#version 330 core

// A studio's backdrop with nothing before it yet.

#include "backdrop.glsl"

out vec4 color;

void main() {
    color = vec4(backdrop() + dither(pane_position()), 1.0);
}
