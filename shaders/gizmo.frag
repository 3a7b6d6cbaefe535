#version 330 core

// The world's axes as lines from the middle, the nearest on top.

#include "pane.glsl"

uniform vec3 ends[3];          // right, down in pixels from the middle; last the farther, the lower
uniform vec3 colours[3];
uniform int order[3];          // from the farthest to the nearest
uniform float line_px;

out vec4 color;

void main() {
    vec2 position = pane_position() - 0.5 * pane_box.zw;
    color = vec4(0.0);
    for (int k = 0; k < 3; k++) {
        vec2 end = ends[order[k]].xy;
        float along = clamp(dot(position, end) / max(dot(end, end), 1e-6), 0.0, 1.0);
        float shown = clamp(0.5 * line_px + 0.5 - distance(position, along * end), 0.0, 1.0);
        color = mix(color, vec4(colours[order[k]], 1.0), shown);
    }
}
