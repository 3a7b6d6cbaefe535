#version 330 core

// The colour, display-encoded, multiplied by how much of the pixel the line covers.

in vec2 place;
flat in vec4 stroke_ends;
flat in float stroke_half_width;
flat in vec3 stroke_colour;

out vec4 color;

void main() {
    vec2 along = stroke_ends.zw - stroke_ends.xy;
    float share = clamp(dot(place - stroke_ends.xy, along) / max(dot(along, along), 1e-12), 0.0, 1.0);
    float away = distance(place, stroke_ends.xy + share * along);
    float covered = clamp(stroke_half_width + 0.5 - away, 0.0, 1.0);
    color = vec4(stroke_colour, 1.0) * covered;
}
