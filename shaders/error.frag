#version 330 core

// How far a picture is from another, as colours.

#include "pane.glsl"
#include "values.glsl"

uniform vec4 texture_box;      // the part of the picture that `picture` holds
uniform vec4 reference_box;    // the part of it that `reference` holds
uniform sampler2D picture;
uniform sampler2D reference;
uniform sampler2D error_colours;
uniform float error_range;     // mean absolute difference shown brightest, as a share of white - black

out vec4 color;

void main() {
    vec2 position = pane_position();
    vec3 difference = abs(values_in(picture, texture_box, position) - values_in(reference, reference_box, position));
    float share = clamp(dot(difference, vec3(1.0 / 3.0)) / error_range, 0.0, 1.0);
    vec3 colour = texture(error_colours, vec2((share * 255.0 + 0.5) / 256.0, 0.5)).rgb;
    color = vec4(colour, coverage(position, picture_box));
}
