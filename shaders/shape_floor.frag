#version 330 core

// The shadow that a shape casts on the floor around it: share of the key light and of the ambient light that is missing.

#include "volume.glsl"
#include "shape_light.glsl"
#include "pane.glsl"
#include "floor_grid.glsl"

uniform vec2 floor_px;         // of the picture of the floor
uniform float floor_half;      // half a side of the floor in the picture, which lies around the middle

out vec2 missing;

void main() {
    vec2 place = (2.0 * gl_FragCoord.xy / floor_px - 1.0) * floor_half;
    vec3 on_floor = vec3(place.x, FLOOR, place.y);
    missing = 1.0 - vec2(key_light(on_floor), ambient_light(on_floor, vec3(0.0, 1.0, 0.0), 1.0));
}
