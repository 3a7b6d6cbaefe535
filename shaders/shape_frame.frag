#version 330 core

// A shape before a studio's backdrop, its shadow on the floor, and the plane that cuts it open.

#include "studio.glsl"
#if defined(GRID) || defined(SLICE)
#include "floor_grid.glsl"
#endif
#ifdef SLICE
#include "shape_slice.glsl"
#endif

uniform sampler2D picture;     // of the shape: colour times coverage, and coverage

out vec4 color;

vec4 shown_at(ivec2 texel) {
    return texelFetch(picture, texel, 0);
}

#ifdef GRID

uniform sampler2D position;    // in the world, share of the pixel
uniform sampler2D floor_shadow;
uniform float floor_half;

const vec2 FLOOR_DARKNESS = vec2(0.58, 0.42);   // where all key light is missing, and all ambient light

// Whether the floor is nearer than what is seen of the shape.
bool floor_hides_shape() {
    vec4 seen = texelFetch(position, ivec2(picture_position()), 0);
    return seen.w >= 0.5 && floor_distance() < dot(seen.xyz - eye, ray_forward);
}

float floor_light() {
    vec3 ray = floor_ray();
    vec2 place = (eye + floor_distance() * ray).xz;
    vec2 inside = smoothstep(vec2(floor_half), vec2(0.7 * floor_half), abs(place));
    vec2 missing = textureLod(floor_shadow, 0.5 + place * (0.5 / floor_half), 0.0).rg;
    float seen = eye.y > FLOOR && ray.y < 0.0 ? inside.x * inside.y : 0.0;
    vec2 light = 1.0 - seen * FLOOR_DARKNESS * missing;
    return light.x * light.y;
}

#endif

void main() {
    vec3 behind = backdrop();
    vec4 shape = model();
#ifdef GRID
    behind *= floor_light();
    vec4 lines = floor_lines();
    vec3 shown = floor_hides_shape() ? before(before(behind, shape), lines) : before(before(behind, lines), shape);
#else
    vec3 shown = before(behind, shape);
#endif
#ifdef SLICE
    shown = before(shown, sheet(floor_ray()));
#endif
    color = vec4(shown + dither(pane_position()), 1.0);
}
