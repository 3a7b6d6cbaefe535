// The plane that cuts a shape open: a translucent sheet with lines of equal distance, the surface's own bold.

uniform sampler3D sheet_volume;
uniform float sheet_half;      // the sheet is a square of twice this side around the middle
uniform float sheet_level;
uniform vec3 sheet_normal;     // a unit vector along an axis; zero where nothing is cut
uniform float sheet_offset;    // along that axis
uniform float line_spacing;    // of the distances that have a line

const vec4 OUTSIDE = vec4(0.30, 0.42, 0.60, 0.34);
const vec4 FAR_OUTSIDE = vec4(0.20, 0.27, 0.38, 0.16);
const vec4 INSIDE = vec4(0.93, 0.70, 0.42, 0.97);
const vec4 DEEP_INSIDE = vec4(0.62, 0.30, 0.16, 0.97);
const vec4 OUTER_LINE = vec4(0.86, 0.92, 1.0, 0.62);
const vec4 INNER_LINE = vec4(0.30, 0.12, 0.05, 0.60);
const vec4 SURFACE_LINE = vec4(1.0, 1.0, 1.0, 1.0);

float sheet_distance(vec3 ray) {
    float across = dot(sheet_normal, ray);
    return (sheet_offset - dot(sheet_normal, eye)) / (abs(across) > 1e-6 ? across : 1e-6);
}

// How much of a pixel a line of some width shows whose middle is so many pixels away.
float line(float away_px, float width_px) {
    return clamp(0.5 * width_px + 0.5 - away_px, 0.0, 1.0);
}

// Colour times opacity, and opacity; to be asked for in every pixel of a pane, since neighbours are compared.
vec4 sheet(vec3 ray) {
    float away = sheet_distance(ray);
    vec3 place = eye + away * ray;
    float value = textureLod(sheet_volume, 0.5 + place * (0.5 / sheet_half), 0.0).r - sheet_level;
    float by_pixel = max(length(vec2(dFdx(value), dFdy(value))), 1e-6);
    vec3 beyond = abs(place) - sheet_half - 1e3 * sheet_normal;
    float outside = max(max(beyond.x, beyond.y), beyond.z);
    // Where neighbouring rays meet the plane before and behind the eye, the difference means nothing.
    float outside_by_pixel = clamp(length(vec2(dFdx(outside), dFdy(outside))), 1e-6, 0.5 * sheet_half);
    float there = away > 0.0 ? clamp(0.5 - outside / outside_by_pixel, 0.0, 1.0) : 0.0;
    if (there <= 0.0) return vec4(0.0);

    float inner = clamp(0.5 - value / by_pixel, 0.0, 1.0);
    vec4 fill = mix(mix(OUTSIDE, FAR_OUTSIDE, 1.0 - exp(-2.5 * max(value, 0.0))),
                    mix(INSIDE, DEEP_INSIDE, 1.0 - exp(5.0 * min(value, 0.0))), inner);
    // Lines fade where they would lie closer than a few pixels.
    float nearest = abs(value - line_spacing * round(value / line_spacing));
    float drawn = line(nearest / by_pixel, line_px) * (1.0 - smoothstep(0.12, 0.35, by_pixel / line_spacing));
    vec4 lines = mix(OUTER_LINE, INNER_LINE, inner);
    vec4 shown = vec4(fill.rgb * fill.a, fill.a);
    shown = mix(shown, vec4(lines.rgb, 1.0), drawn * lines.a);
    shown = mix(shown, vec4(SURFACE_LINE.rgb, 1.0), line(abs(value) / by_pixel, 2.4 * line_px));
    shown = mix(shown, vec4(OUTER_LINE.rgb, 1.0), 0.5 * line(abs(outside) / outside_by_pixel - 0.5, line_px));
    return there * shown;
}
