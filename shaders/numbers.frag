#version 330 core

// A picture of numbers, all over its pane, as colours.

#include "scale.glsl"

uniform sampler2D numbers;
uniform vec4 pane_box;         // of the framebuffer: left, bottom, width, height

out vec4 color;

void main() {
    color = vec4(scale_colour(texture(numbers, (gl_FragCoord.xy - pane_box.xy) / pane_box.zw).r), 1.0);
}
