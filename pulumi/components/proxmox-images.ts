import * as pulumi from "@pulumi/pulumi";
import { loadProxmox } from "../packages.js";
import type { CloudView } from "../plan/types.js";
import type { ImageSource } from "../proxmox/images.js";

/** Templates and disk images on Proxmox's nodes, each uploaded once a node and version. */
export class ProxmoxImages extends pulumi.ComponentResource {
  private readonly files = new Map<string, pulumi.Output<string>>();

  /**
   * @param images where each image comes from, by its name
   * @param storage where they are uploaded to
   */
  constructor(
    view: Pick<CloudView, "prefix">,
    private readonly images: ReadonlyMap<string, ImageSource>,
    private readonly storage: string,
    options: pulumi.ComponentResourceOptions = {},
  ) {
    super("meshflake:proxmox:Images", view.prefix, {}, options);
    this.registerOutputs();
  }

  /**
   * Proxmox's id of an image on a node, such as `local:vztmpl/NAME`; null where there is no file here to upload, which only matters
   * to a guest that is still to be made.
   */
  on(node: string, image: string): pulumi.Output<string> | null {
    const source = this.images.get(image);
    if (source === undefined || source.kind === "missing") return null;
    if (source.kind === "uploaded") return pulumi.output(source.id);
    const key = `${node}-${source.fileName}`;
    const known = this.files.get(key) ?? this.upload(key, node, source);
    this.files.set(key, known);
    return known;
  }

  /** An image that the program no longer names stays on its node: another admin, who has not built it, is no reason to delete it. */
  private upload(key: string, nodeName: string, source: ImageSource & { kind: "file" }): pulumi.Output<string> {
    const { path, fileName, contentType } = source;
    const args = { nodeName, datastoreId: this.storage, contentType, sourceFile: { path, fileName } };
    // Where the file is on this machine says nothing about what it is: its name has the version.
    const options = { parent: this, retainOnDelete: true, ignoreChanges: ["sourceFile.path"] };
    const { FileLegacy } = loadProxmox();
    return new FileLegacy(key, args, options).id;
  }
}
