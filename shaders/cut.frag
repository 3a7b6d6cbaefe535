#version 330 core

// A picture below the diagonal of a frame, from its lower left to its upper right, with a line along that.

uniform vec2 framebuffer_px;
uniform float line_px;
uniform sampler2D picture;

out vec4 color;

const vec3 LINE = vec3(0.96, 0.97, 0.98);

void main() {
    vec2 along = normalize(framebuffer_px);
    float below = along.y * gl_FragCoord.x - along.x * gl_FragCoord.y;  // in pixels from the diagonal
    float lined = clamp(0.5 * line_px - abs(below) + 0.5, 0.0, 1.0);
    vec3 seen = mix(texelFetch(picture, ivec2(gl_FragCoord.xy), 0).rgb, LINE, lined);
    color = vec4(seen, max(lined, clamp(below + 0.5, 0.0, 1.0)));
}
