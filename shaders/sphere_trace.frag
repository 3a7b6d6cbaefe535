#version 330 core

// What each pixel sees of a shape: sphere tracing of its volume, as fieldcore/sphere_tracing.py does it for any field.
//
// A volume has nothing thinner than its cells, so that steps are never much shorter than one; where the distance changes
// its sign the surface lies in between.

#include "volume.glsl"

uniform vec3 eye;
uniform vec3 ray_forward;      // of unit length
uniform vec3 ray_right;        // by pixel
uniform vec3 ray_up;
uniform vec2 ray_origin;       // the pixel that `ray_forward` goes through
uniform float cell;            // side of a cell of the volume
uniform float steepness;       // length of the distances' gradient, at most
uniform int most_steps;
uniform int refinements;
uniform int reaches;

layout(location = 0) out vec4 position;
layout(location = 1) out vec4 normal;

vec3 ray;                      // of unit length

float at(float along) {
    return distance_at(eye + along * ray);
}

// By regula falsi: the surface lies between `outside` (x: how far along the ray, y: distance there) and `inside`.
float surface_between(vec2 outside, vec2 inside, float side) {
    float along = outside.x;
    for (int k = 0; k < refinements; k++) {
        along = mix(outside.x, inside.x, outside.y / max(outside.y - inside.y, 1e-20));
        float value = side * at(along);
        // The end that stays counts for half, or one end would never move.
        if (value > 0.0) {
            outside = vec2(along, value);
            inside.y *= 0.5;
        } else {
            inside = vec2(along, value);
            outside.y *= 0.5;
        }
    }
    return along;
}

// Of the pixel around a ray that meets the surface: half, and more the deeper the ray dips in before it leaves again.
float covered_share(float along, float side, float pixel) {
    float deepest = 0.0;
    float value = 0.0;
    float reach = pixel;
    for (int k = 0; k < reaches; k++) {
        value = side * at(along + reach);
        deepest = max(deepest, -value / pixel);
        if (value > 0.0 || deepest >= 0.5) break;
        reach *= 2.0;
    }
    return value > 0.0 ? min(0.5 + deepest, 1.0) : 1.0;
}

float beside(vec3 place, float x, float y, float z) {
    return distance_at(place + cell * vec3(x, y, z));
}

// Half the divergence of the unit normals around: (Laplacian - second derivative along the normal) / (2 |gradient|).
//
// Only whole cells along the axes are gone: between others interpolation would show in second differences.
#ifdef CURVED
float mean_curvature(vec3 place, vec3 normal, float slope, vec3 seconds) {
    vec3 mixed = vec3(
        beside(place, 0., 1., 1.) - beside(place, 0., 1., -1.) - beside(place, 0., -1., 1.) + beside(place, 0., -1., -1.),
        beside(place, 1., 0., 1.) - beside(place, 1., 0., -1.) - beside(place, -1., 0., 1.) + beside(place, -1., 0., -1.),
        beside(place, 1., 1., 0.) - beside(place, 1., -1., 0.) - beside(place, -1., 1., 0.) + beside(place, -1., -1., 0.)
    );
    float along = dot(normal * normal, seconds) + 0.5 * dot(normal.yxx * normal.zzy, mixed);
    return (seconds.x + seconds.y + seconds.z - along) / (2.0 * cell * cell * slope);
}
#else
float mean_curvature(vec3 place, vec3 normal, float slope, vec3 seconds) {
    return 0.0;
}
#endif

// Unit normal from central differences, and the mean curvature.
vec4 normal_at(vec3 place) {
    vec3 after = vec3(beside(place, 1., 0., 0.), beside(place, 0., 1., 0.), beside(place, 0., 0., 1.));
    vec3 before = vec3(beside(place, -1., 0., 0.), beside(place, 0., -1., 0.), beside(place, 0., 0., -1.));
    vec3 gradient = (after - before) / (2.0 * cell);
    float slope = max(length(gradient), 1e-6);
    vec3 unit = gradient / slope;
    return vec4(unit, mean_curvature(place, unit, slope, after + before - 2.0 * distance_at(place)));
}

vec3 face_normal(vec3 place) {
    vec3 from_middle = (2.0 * place - box_lower - box_upper) / (box_upper - box_lower);
    vec3 away = abs(from_middle);
    return step(away.yzx, away) * step(away.zxy, away) * sign(from_middle);
}

void main() {
    vec2 from_origin = gl_FragCoord.xy - ray_origin;
    vec3 view_ray = ray_forward + from_origin.x * ray_right + from_origin.y * ray_up;
    float stretch = length(view_ray);
    ray = view_ray / stretch;
    // What a pixel is wide at a distance of one.
    float spread = length(ray_up) / stretch;

    vec2 span = within_box(eye, ray);
    float along = max(span.x, 0.0);
    bool on_the_way = along < span.y;
    float value = at(along);
    float side = value < 0.0 && span.x <= 0.0 ? -1.0 : 1.0;
    value *= side;
    // Drivers on a processor follow all branches but leave loops: so what is done once stands behind the loop.
    float ahead = along;
    float value_ahead = value;
    float nearest = 1e9;       // share of the way at which the ray has cleared what it passed by
    for (int k = 0; k < most_steps; k++) {
        if (!on_the_way || value_ahead <= 0.0) break;
        along = ahead;
        value = value_ahead;
        on_the_way = along < span.y;
        // What skims along a surface must come to the end of the box with the steps that are left.
        float least = 2 * k < most_steps ? 0.6 * cell : max(0.6 * cell, (span.y - along) / float(most_steps - k));
        ahead = min(along + max(value / steepness, least), span.y);
        value_ahead = side * at(ahead);
        if (value_ahead > value || !on_the_way) nearest = min(nearest, value / along);
    }
    if (!on_the_way || value_ahead > 0.0) {
        position = vec4(0.0, 0.0, 0.0, clamp(0.5 - nearest / (steepness * spread), 0.0, 0.49));
        normal = vec4(0.0);
        return;
    }
    bool cut = ahead <= span.x;
    along = surface_between(vec2(along, value), vec2(ahead, value_ahead), side);
    vec3 place = eye + along * ray;
    float pixel = spread * along;
    position = vec4(place, cut ? 1.0 : min(covered_share(along, side, pixel), 0.5 + nearest / (steepness * spread)));
    normal = cut ? vec4(face_normal(place), 0.0) : side * normal_at(place);
}
