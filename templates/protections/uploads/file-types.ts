/** How a file is looked into before it is let out. `none`: its bytes are only told by their signature, scanned, and handed on to be saved. */
export type Inspection = 'image' | 'pdf' | 'archive' | 'none';

export interface FileType {
  readonly mime: string;
  readonly extensions: readonly string[];
  readonly inspection: Inspection;
}

const openDocument = (mime: string, extension: string): FileType => ({ mime, extensions: [extension], inspection: 'archive' });

/** Every type that can be let in; UPLOAD_TYPES chooses. What has no signature of its own (text, SVG, HTML, XML) cannot. */
export const fileTypes: readonly FileType[] = [
  { mime: 'image/jpeg', extensions: ['jpg', 'jpeg'], inspection: 'image' },
  { mime: 'image/png', extensions: ['png'], inspection: 'image' },
  { mime: 'image/webp', extensions: ['webp'], inspection: 'image' },
  { mime: 'application/pdf', extensions: ['pdf'], inspection: 'pdf' },
  { mime: 'application/zip', extensions: ['zip'], inspection: 'archive' },
  openDocument('application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'docx'),
  openDocument('application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'xlsx'),
  openDocument('application/vnd.openxmlformats-officedocument.presentationml.presentation', 'pptx'),
  { mime: 'audio/mpeg', extensions: ['mp3'], inspection: 'none' },
  { mime: 'video/mp4', extensions: ['mp4'], inspection: 'none' },
  { mime: 'video/webm', extensions: ['webm'], inspection: 'none' },
];

/** The types that an app lets in. */
export const allowedTypes = ({ UPLOAD_TYPES }: { readonly UPLOAD_TYPES: readonly string[] }): readonly FileType[] =>
  fileTypes.filter(({ mime }) => UPLOAD_TYPES.includes(mime));
