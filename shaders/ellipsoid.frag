#version 330 core

// An ellipsoid seen from far away, its three principal planes as lines, within the ring that a sphere of the largest
// size would fill. Colours are multiplied by their opacity.

#include "pane.glsl"

uniform mat3 unit_from_view;   // from view directions (right, up, towards us, in pixels) to a sphere of radius one
uniform float ring_px;         // radius
uniform float line_px;

out vec4 color;

const vec3 GOLD = vec3(1.0, 0.76, 0.38);
const vec3 RING = vec3(0.66, 0.69, 0.74);
const vec3 TO_LIGHT = vec3(-0.48, 0.62, 0.62);

// Lines where one coordinate of the sphere is zero, about as wide everywhere.
float planes_at(vec3 place) {
    vec3 by_pixel = vec3(length(unit_from_view[0]), length(unit_from_view[1]), length(unit_from_view[2]));
    vec3 change = sqrt(vec3(
        dot(vec2(unit_from_view[0].x, unit_from_view[1].x), vec2(unit_from_view[0].x, unit_from_view[1].x)),
        dot(vec2(unit_from_view[0].y, unit_from_view[1].y), vec2(unit_from_view[0].y, unit_from_view[1].y)),
        dot(vec2(unit_from_view[0].z, unit_from_view[1].z), vec2(unit_from_view[0].z, unit_from_view[1].z))));
    vec3 lines = clamp(0.5 * line_px + 0.5 - abs(place) / max(change, 0.2 * by_pixel), 0.0, 1.0);
    return max(max(lines.x, lines.y), lines.z);
}

void main() {
    vec2 middle = pane_position() - 0.5 * pane_box.zw;
    vec2 place = vec2(middle.x, -middle.y);
    float ring = clamp(0.5 * line_px + 0.5 - abs(length(place) - ring_px), 0.0, 1.0);
    color = vec4(RING, 1.0) * (0.45 * ring);
    // |unit_from_view (place, depth)| = 1 is a quadratic in depth; the nearest solution is seen.
    vec3 flat_part = unit_from_view * vec3(place, 0.0);
    vec3 deep = unit_from_view[2];
    float a = dot(deep, deep);
    float b = dot(flat_part, deep);
    float left = b * b - a * (dot(flat_part, flat_part) - 1.0);
    // The part of the pixel within the outline, on which `left` is 0.
    float covered = clamp(0.5 + left / max(length(vec2(dFdx(left), dFdy(left))), 1e-9), 0.0, 1.0);
    if (covered <= 0.0) return;
    vec3 on_sphere = flat_part + deep * ((sqrt(max(left, 0.0)) - b) / a);
    vec3 normal = normalize(transpose(unit_from_view) * on_sphere);
    float light = 0.38 + 0.62 * max(0.0, 0.2 + 0.8 * dot(normal, normalize(TO_LIGHT)));
    vec3 shown = mix(GOLD * light, GOLD * light * 0.35, 0.75 * planes_at(on_sphere));
    color = mix(color, vec4(shown, 1.0), covered);
}
