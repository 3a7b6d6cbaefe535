#version 330 core

// How far what is seen of a scene is from its photograph, as colours.

#include "metric.glsl"

uniform sampler2D picture;
uniform sampler2D photograph;
uniform vec4 pane_box;         // of the framebuffer: left, bottom, width, height

out vec4 color;

void main() {
    vec2 place = (gl_FragCoord.xy - pane_box.xy) / pane_box.zw;
    color = vec4(error_colour(texture(picture, place).rgb, texture(photograph, place).rgb), 1.0);
}
