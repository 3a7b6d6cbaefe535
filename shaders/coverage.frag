#version 330 core

// White where the model is; the samples of a pixel are averaged by the driver.

out vec4 color;

void main() {
    color = vec4(1.0);
}
