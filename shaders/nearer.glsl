// What is hidden by what a picture shows: its depths along the view direction, 0 where it shows nothing.

uniform sampler2D depths;
uniform bool hides;
uniform vec4 pane;  // left, bottom, width and height in pixels

bool is_hidden(float depth) {
    float seen = texture(depths, (gl_FragCoord.xy - pane.xy) / pane.zw).r;
    return hides && seen > 0.0 && depth > seen + 0.01;
}
