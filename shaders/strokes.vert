#version 330 core

// A line with round ends: from (x, y) to (z, w) in frame coordinates, pixels from the top left corner.

uniform vec2 framebuffer_px;

in vec4 ends;
in float half_width;
in vec3 colour;

out vec2 place;
flat out vec4 stroke_ends;
flat out float stroke_half_width;
flat out vec3 stroke_colour;

void main() {
    vec2 along = ends.zw - ends.xy;
    float whole = length(along);
    vec2 ahead = whole > 1e-6 ? along / whole : vec2(1.0, 0.0);
    vec2 aside = vec2(-ahead.y, ahead.x);
    float reach = half_width + 1.0;
    vec2 end = (gl_VertexID & 1) == 0 ? ends.xy - reach * ahead : ends.zw + reach * ahead;
    place = end + ((gl_VertexID >> 1) == 0 ? reach : -reach) * aside;
    stroke_ends = ends;
    stroke_half_width = half_width;
    stroke_colour = colour;
    gl_Position = vec4((2.0 * place / framebuffer_px - 1.0) * vec2(1.0, -1.0), 0.0, 1.0);
}
