import Type from 'typebox';

/** The field of the token, for the schema of a form: `closed({ ...csrfField, title: text(200) })`. */
export const csrfField = { _csrf: Type.Optional(Type.String({ maxLength: 64 })) };
