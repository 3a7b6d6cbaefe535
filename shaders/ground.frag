#version 330 core

// A calm dark ground, with the picture's soft shadow and a hairline border.

#include "dither.glsl"
#include "pane.glsl"

out vec4 color;

const vec3 GROUND_MIDDLE = vec3(0.115, 0.121, 0.137);
const vec3 GROUND_CORNER = vec3(0.066, 0.070, 0.082);
const vec3 BORDER = vec3(0.30, 0.31, 0.34);

float distance_outside(vec2 position, vec4 box) {
    return length(max(max(box.xy - position, position - box.zw), 0.0));
}

vec3 ground(vec2 position, float unit) {
    vec2 from_middle = (position - 0.5 * pane_box.zw) / (0.5 * pane_box.zw);
    vec3 shade = mix(GROUND_MIDDLE, GROUND_CORNER, smoothstep(0.0, 2.0, dot(from_middle, from_middle)));
    float away = distance_outside(position - vec2(0.0, 6.0 * unit), picture_box) / (22.0 * unit);
    return shade * (1.0 - 0.65 * exp(-away * away)) + dither(position);
}

void main() {
    vec2 position = pane_position();
    float unit = min(pane_box.z, pane_box.w) / 720.0;
    float border_px = max(1.0, round(unit));
    float bordered = coverage(position, picture_box + vec4(-border_px, -border_px, border_px, border_px));
    color = vec4(mix(ground(position, unit), BORDER, bordered), 1.0);
}
