#version 330 core

// Lines between the pixels of a picture that is seen much enlarged.

#include "pane.glsl"

uniform vec2 resolution;       // of the whole picture

out vec4 color;

void main() {
    vec2 position = pane_position();
    vec2 pixel = (picture_box.zw - picture_box.xy) / resolution;
    vec2 at = (position - picture_box.xy) / pixel;
    vec2 away = abs(at - round(at)) * pixel;      // from the nearest line, in pixels of the frame
    float line = max(step(away.x, 0.5), step(away.y, 0.5)) * coverage(position, picture_box);
    color = vec4(vec3(0.5), 0.35 * line);
}
