export const check = () => 'mine';
