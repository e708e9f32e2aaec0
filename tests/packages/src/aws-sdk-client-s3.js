import { DeleteObjectCommand, GetObjectCommand, HeadObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { FetchHttpHandler } from "@smithy/fetch-http-handler";

export default {
  async fetch(_request, env) {
    const client = new S3Client({ region: "eu-central-1", endpoint: `${env.ORIGIN}/s3`, forcePathStyle: true, requestHandler: new FetchHttpHandler(), credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" } });
    const lines = [];
    const put = await client.send(new PutObjectCommand({ Bucket: "b", Key: "dir/a €.txt", Body: "hello world", ContentType: "text/plain", Metadata: { who: "ada" } }));
    lines.push(put.ETag);
    const got = await client.send(new GetObjectCommand({ Bucket: "b", Key: "dir/a €.txt" }));
    lines.push(await got.Body.transformToString(), got.ContentType, got.Metadata, got.ContentLength);
    const head = await client.send(new HeadObjectCommand({ Bucket: "b", Key: "dir/a €.txt" }));
    lines.push(head.ContentLength, head.LastModified.toISOString());
    const list = await client.send(new ListObjectsV2Command({ Bucket: "b", Prefix: "dir/", MaxKeys: 10 }));
    lines.push(list.KeyCount, list.Contents.map((item) => [item.Key, item.Size]));
    await client.send(new DeleteObjectCommand({ Bucket: "b", Key: "dir/a €.txt" }));
    lines.push(await client.send(new GetObjectCommand({ Bucket: "b", Key: "dir/a €.txt" })).catch((error) => [error.name, error.$metadata.httpStatusCode]));
    return Response.json(lines);
  },
};
