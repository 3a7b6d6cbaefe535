#version 330 core

// How far a picture is from another, as colours.

#include "pane.glsl"
#include "metric.glsl"
#include "values.glsl"

uniform vec4 texture_box;      // the part of the picture that `picture` holds
uniform vec4 reference_box;    // the part of it that `reference` holds
uniform sampler2D picture;
uniform sampler2D reference;

out vec4 color;

void main() {
    vec2 position = pane_position();
    vec3 truth = values_in(reference, reference_box, position);
    color = vec4(error_colour(values_in(picture, texture_box, position), truth), coverage(position, picture_box));
}
