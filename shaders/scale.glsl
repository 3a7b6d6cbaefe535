// Numbers as colours.

uniform sampler2D scale_colours;
uniform float scale_range;     // number shown in the last colour
uniform bool scale_signed;     // whether minus that is shown in the first colour, which else is for 0

vec3 scale_colour(float number) {
    float share = (scale_signed ? number : abs(number)) / scale_range;
    share = clamp(scale_signed ? 0.5 + 0.5 * share : share, 0.0, 1.0);
    return texture(scale_colours, vec2((share * 255.0 + 0.5) / 256.0, 0.5)).rgb;
}

// How far one colour is from another, with its sign or without those of its channels.
vec3 difference_colour(vec3 difference) {
    return scale_colour(dot(scale_signed ? difference : abs(difference), vec3(1.0 / 3.0)));
}
