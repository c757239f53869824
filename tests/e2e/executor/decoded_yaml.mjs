// GitHub decodes a YAML scalar before it looks for `${{ }}`. The published parser looks at the source of multi-line
// scalars instead (its positions are better then), so that their indentation would become part of the value. This
// reader withholds the source.
import { readTemplate } from "@actions/workflow-parser/templates/template-reader";
import { StringToken } from "@actions/workflow-parser/templates/tokens/string-token";
import {
  TemplateContext,
  TemplateValidationErrors,
} from "@actions/workflow-parser/templates/template-context";
import { YamlObjectReader } from "@actions/workflow-parser/workflows/yaml-object-reader";
import { NoOperationTraceWriter } from "@actions/workflow-parser";

class DecodedReader extends YamlObjectReader {
  allowLiteral() {
    const token = super.allowLiteral();
    return token instanceof StringToken
      ? new StringToken(token.file, token.range, token.value, token.definitionInfo)
      : token;
  }
}

// {context, value: the root token or undefined}; `root` names what the schema calls such a file.
export function parseYaml(schema, root, { name, content }) {
  const context = new TemplateContext(new TemplateValidationErrors(), schema, new NoOperationTraceWriter());
  const fileId = context.getFileId(name);
  const reader = new DecodedReader(fileId, content);
  if (reader.errors.length > 0) {
    for (const error of reader.errors) context.error(fileId, error.message, error.range);
    return { context, value: undefined };
  }
  return { context, value: readTemplate(context, root, reader, fileId) };
}
