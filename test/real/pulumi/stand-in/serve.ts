import provider from "@pulumi/pulumi/proto/provider_pb.js";
import { main } from "@pulumi/pulumi/provider/index.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { Cloud } from "./cloud.js";
import { STAND_INS } from "./index.js";
import { StandInProvider } from "./provider.js";

/** What the engine starts as `pulumi-resource-NAME`: the name, then the engine's own arguments. */

// An import comes without properties, which Pulumi's server for providers in Node does not expect.
const { ReadRequest } = provider;
const { getProperties } = ReadRequest.prototype;
ReadRequest.prototype.getProperties = function (this: provider.ReadRequest) {
  return getProperties.call(this) ?? new struct.Struct();
};

const [name, ...rest] = process.argv.slice(2);
const standIn = Object.entries(STAND_INS).find(([key]) => key === name)?.[1];
const { STAND_IN_FOLDER: folder } = process.env;
if (standIn === undefined || folder === undefined) throw new Error(`no stand-in ${name}`);
await main(new StandInProvider(standIn, new Cloud(`${folder}/${name}.json`), `${folder}/${name}.shapes.json`), rest);
