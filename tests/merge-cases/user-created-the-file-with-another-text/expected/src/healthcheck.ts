<<<<<<< yours
export const check = () => 'mine';
=======
export const check = () => 'ours';
>>>>>>> create-secure-app 2.0.0
