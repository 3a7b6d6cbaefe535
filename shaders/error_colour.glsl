// How far one colour is from another, as a colour.

uniform sampler2D error_colours;
uniform float error_range;     // mean absolute difference shown brightest, as a share of white - black

vec3 error_colour(vec3 difference) {
    float share = clamp(dot(difference, vec3(1.0 / 3.0)) / error_range, 0.0, 1.0);
    return texture(error_colours, vec2((share * 255.0 + 0.5) / 256.0, 0.5)).rgb;
}
