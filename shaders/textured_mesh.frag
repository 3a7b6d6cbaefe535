#version 330 core

// A textured model in soft light.

#include "studio.glsl"
#ifdef GRID
#include "floor_grid.glsl"
#endif

uniform sampler2D albedo;
uniform sampler2D surface;     // normal in the world, distance along the view axis
uniform vec3 key_direction;    // towards the key light; zero where no light falls on the model

out vec4 color;

// From a side that is turned away from the key light, 0.55, to one that faces it, 1.05: detail stays visible.
vec3 light(vec3 normal) {
    if (key_direction == vec3(0.0)) return vec3(1.0);
    vec3 ambient = mix(vec3(0.53, 0.53, 0.56), vec3(0.70, 0.71, 0.72), 0.5 + 0.5 * normal.y);
    float key = max(0.0, 0.15 + 0.85 * dot(normal, key_direction));
    return ambient + vec3(0.41, 0.40, 0.38) * key;
}

vec4 shown_at(ivec2 texel) {
    vec4 colour = texelFetch(albedo, texel, 0);
    if (colour.a == 0.0) return vec4(0.0);
    vec3 lit = min(clamp(colour.rgb, 0.0, 1.0) * light(texelFetch(surface, texel, 0).xyz), 1.0);
    return vec4(lit * colour.a, colour.a);
}

void main() {
    vec3 behind = backdrop();
    vec4 picture = model();
#ifdef GRID
    vec4 lines = floor_lines();
    float distance = texelFetch(surface, ivec2(picture_position()), 0).w;
    bool before_model = distance > 0.0 && floor_distance() < distance;
    vec3 shown = before_model ? before(before(behind, picture), lines) : before(before(behind, lines), picture);
#else
    vec3 shown = before(behind, picture);
#endif
    color = vec4(shown + dither(pane_position()), 1.0);
}
