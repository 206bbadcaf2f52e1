export const size = 32;
