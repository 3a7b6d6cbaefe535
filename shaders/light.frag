#version 330 core

// A picture's linear light, exposed but not encoded; with DIFFERENCE how far it is from another. Numbers of any size.

#include "pane.glsl"
#include "tone.glsl"
#include "values.glsl"

uniform vec4 texture_box;      // the part of the picture that `picture` holds
uniform sampler2D picture;
#ifdef DIFFERENCE
uniform vec4 reference_box;    // the part of it that `reference` holds
uniform sampler2D reference;
#endif

out vec4 color;

void main() {
    vec2 position = pane_position();
    vec3 values = values_in(picture, texture_box, position);
#ifdef DIFFERENCE
    values -= values_in(reference, reference_box, position);
#else
    values = (values_are_linear ? values : light_of(values)) * tone_gain + tone_offset;
#endif
    float inside = coverage(position, picture_box);
    color = vec4(values * inside, inside);
}
