import { UploadBox, type UploadConfig } from "./upload/box.ts";

for (const box of document.querySelectorAll<HTMLElement>("[data-upload]")) {
  const json = box.querySelector("[data-upload-config]")?.textContent;
  if (json) new UploadBox(box, JSON.parse(json) as UploadConfig);
}
