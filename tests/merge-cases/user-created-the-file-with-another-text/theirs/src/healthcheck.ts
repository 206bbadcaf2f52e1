export const check = () => 'ours';
