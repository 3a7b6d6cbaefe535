#version 330 core

// How far a picture is from another, as colours.

#include "pane.glsl"
#include "scale.glsl"
#include "values.glsl"

uniform vec4 texture_box;      // the part of the picture that `picture` holds
uniform vec4 reference_box;    // the part of it that `reference` holds
uniform sampler2D picture;
uniform sampler2D reference;

uniform int error_metric;      // 0 the difference, 1 as a share of the reference, 2 squared, 3 the picture is the error

out vec4 color;

const float LEAST_REFERENCE = 0.01;

void main() {
    vec2 position = pane_position();
    vec3 truth = values_in(reference, reference_box, position);
    vec3 difference = values_in(picture, texture_box, position) - truth;
    if (error_metric == 1) difference /= max(abs(truth), LEAST_REFERENCE);
    if (error_metric == 2) difference *= abs(difference);
    if (error_metric == 3) difference += truth;
    color = vec4(difference_colour(difference), coverage(position, picture_box));
}
