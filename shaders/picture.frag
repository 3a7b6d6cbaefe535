#version 330 core

// A picture on a calm dark ground, with a soft shadow and a hairline border.
// Frame coordinates: pixels from the top left corner, pixel centres at halves. Boxes: left, top, right, bottom.

uniform vec2 framebuffer_px;
uniform vec4 picture_box;     // the whole picture
uniform vec4 texture_box;     // the part of it that `picture` holds
uniform sampler2D picture;
uniform float black_value;    // values shown black and white
uniform float white_value;
uniform bool values_are_linear;

out vec4 color;

const vec3 GROUND_MIDDLE = vec3(0.115, 0.121, 0.137);
const vec3 GROUND_CORNER = vec3(0.066, 0.070, 0.082);
const vec3 BORDER = vec3(0.30, 0.31, 0.34);

vec3 display_from_linear(vec3 linear) {
    linear = max(linear, 0.0);
    return mix(1.055 * pow(linear, vec3(1.0 / 2.4)) - 0.055, 12.92 * linear, lessThanEqual(linear, vec3(0.0031308)));
}

// Share of the pixel around `position` that lies in `box`: an antialiased edge.
float coverage(vec2 position, vec4 box) {
    vec2 overlap = clamp(min(position + 0.5, box.zw) - max(position - 0.5, box.xy), 0.0, 1.0);
    return overlap.x * overlap.y;
}

float distance_outside(vec2 position, vec4 box) {
    return length(max(max(box.xy - position, position - box.zw), 0.0));
}

// Less than one step of an 8-bit display, so that slow gradients show no bands (interleaved gradient noise).
float dither(vec2 position) {
    return (fract(52.9829189 * fract(dot(position, vec2(0.06711056, 0.00583715)))) - 0.5) / 255.0;
}

vec3 ground(vec2 position, float unit) {
    vec2 from_middle = (position - 0.5 * framebuffer_px) / (0.5 * framebuffer_px);
    vec3 shade = mix(GROUND_MIDDLE, GROUND_CORNER, smoothstep(0.0, 2.0, dot(from_middle, from_middle)));
    float away = distance_outside(position - vec2(0.0, 6.0 * unit), picture_box) / (22.0 * unit);
    return shade * (1.0 - 0.65 * exp(-away * away)) + dither(position);
}

void main() {
    vec2 position = vec2(gl_FragCoord.x, framebuffer_px.y - gl_FragCoord.y);
    float unit = min(framebuffer_px.x, framebuffer_px.y) / 720.0;
    float border_px = max(1.0, round(unit));

    vec3 shown = ground(position, unit);
    shown = mix(shown, BORDER, coverage(position, picture_box + vec4(-border_px, -border_px, border_px, border_px)));

    vec3 values = texture(picture, (position - texture_box.xy) / (texture_box.zw - texture_box.xy)).rgb;
    values = (values - black_value) / (white_value - black_value);
    if (values_are_linear) {
        values = display_from_linear(values);
    }
    color = vec4(mix(shown, clamp(values, 0.0, 1.0), coverage(position, picture_box)), 1.0);
}
