#version 330 core

// A picture's values as colours.

#include "pane.glsl"
#include "values.glsl"

uniform vec4 texture_box;      // the part of the picture that `picture` holds
uniform sampler2D picture;

out vec4 color;

#ifdef VALUES_ARE_LINEAR
vec3 shown(vec3 linear) {
    linear = max(linear, 0.0);
    return mix(1.055 * pow(linear, vec3(1.0 / 2.4)) - 0.055, 12.92 * linear, lessThanEqual(linear, vec3(0.0031308)));
}
#else
vec3 shown(vec3 encoded) {
    return encoded;
}
#endif

void main() {
    vec2 position = pane_position();
    vec3 values = values_in(picture, texture_box, position);
    color = vec4(clamp(shown(values), 0.0, 1.0), coverage(position, picture_box));
}
