// Values of a layer, from 0 (black) to 1 (white).

uniform float black_value;
uniform float white_value;

vec3 values_in(sampler2D values, vec4 box, vec2 position) {
    return (texture(values, (position - box.xy) / (box.zw - box.xy)).rgb - black_value) / (white_value - black_value);
}
