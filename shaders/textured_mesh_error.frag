#version 330 core

// How far one picture of the model is from another, as colours.

#include "metric.glsl"
#include "studio.glsl"

uniform sampler2D albedo;
uniform sampler2D reference;

out vec4 color;

vec4 shown_at(ivec2 texel) {
    vec4 one = texelFetch(albedo, texel, 0);
    vec3 truth = clamp(texelFetch(reference, texel, 0).rgb, 0.0, 1.0);
    return vec4(error_colour(clamp(one.rgb, 0.0, 1.0), truth) * one.a, one.a);
}

void main() {
    color = vec4(before(backdrop(), model()) + dither(pane_position()), 1.0);
}
