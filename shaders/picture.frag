#version 330 core

// A picture's values as colours.

#include "pane.glsl"
#ifdef TONED
#include "tone.glsl"
#else
#include "shown.glsl"
#endif
#include "values.glsl"

uniform vec4 texture_box;      // the part of the picture that `picture` holds
uniform sampler2D picture;

out vec4 color;

void main() {
    vec2 position = pane_position();
    vec3 values = values_in(picture, texture_box, position);
    color = vec4(clamp(shown(values), 0.0, 1.0), coverage(position, picture_box));
}
