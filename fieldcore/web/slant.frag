#version 330 core

// Rows of cubic B-splines, looked up at columns that differ from row to row: where a slanted line stands upright, and back.

uniform sampler2D values;            // coefficients
uniform sampler2D by_column;         // whole part and share of each column's position
uniform sampler2D by_row;            // the same of what is added in each row

out vec4 color;

#ifdef ALONG_ROWS
#define ALONG(vertex) ivec2(pixel.x, vertex)
#define COLUMN pixel.y
#define ROW pixel.x
#else
#define ALONG(vertex) ivec2(vertex, pixel.y)
#define COLUMN pixel.x
#define ROW pixel.y
#endif

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    vec2 position = texelFetch(by_column, ivec2(COLUMN, 0), 0).xy + texelFetch(by_row, ivec2(ROW, 0), 0).xy;
    float carried = floor(position.y), t = position.y - carried, s = 1.0 - t;
    int first = int(floor(position.x + carried + 0.5)) - 1;
    color = (s * s * s * texelFetch(values, ALONG(first), 0)
        + ((3.0 * t - 6.0) * t * t + 4.0) * texelFetch(values, ALONG(first + 1), 0)
        + ((3.0 * s - 6.0) * s * s + 4.0) * texelFetch(values, ALONG(first + 2), 0)
        + t * t * t * texelFetch(values, ALONG(first + 3), 0)) / 6.0;
}
