// From values, 0 (black) to 1 (white), to what a display shows of them.

uniform bool values_are_linear;
uniform float tone_gain;       // linear light is multiplied by this
uniform float tone_offset;     // and this is added
uniform int tone_curve;        // 0 display-encoded, 1 as it is, 2 ACES-like, 3 Reinhard, 4 false colour
uniform sampler2D tone_colours;

vec3 light_of(vec3 encoded) {
    encoded = clamp(encoded, 0.0, 1.0);
    return mix(pow((encoded + 0.055) / 1.055, vec3(2.4)), encoded / 12.92, lessThanEqual(encoded, vec3(0.04045)));
}

vec3 encoded_of(vec3 light) {
    light = max(light, 0.0);
    return mix(1.055 * pow(light, vec3(1.0 / 2.4)) - 0.055, 12.92 * light, lessThanEqual(light, vec3(0.0031308)));
}

vec3 shown(vec3 values) {
    vec3 light = (values_are_linear ? values : light_of(values)) * tone_gain + tone_offset;
    if (tone_curve == 4) {
        float share = clamp(dot(light, vec3(0.2126, 0.7152, 0.0722)), 0.0, 1.0);
        return texture(tone_colours, vec2((share * 255.0 + 0.5) / 256.0, 0.5)).rgb;
    }
    light = max(light, 0.0);
    if (tone_curve == 1) return light;
    // The fit of Narkowicz (2015), "ACES Filmic Tone Mapping Curve".
    if (tone_curve == 2) light = min(light * (2.51 * light + 0.03) / (light * (2.43 * light + 0.59) + 0.14), 1.0);
    if (tone_curve == 3) light = light / (1.0 + light);
    return encoded_of(light);
}
