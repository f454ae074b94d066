// Names and comments of a decython symbol file.
// @category Python
// Not compiled or run by this project's tests: Ghidra is not at hand there.
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import ghidra.app.script.GhidraScript;
import ghidra.program.model.address.Address;
import ghidra.program.model.listing.CodeUnit;
import ghidra.program.model.listing.Function;
import ghidra.program.model.symbol.SourceType;
import java.io.File;
import java.io.InputStreamReader;
import java.io.FileInputStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

public class GhidraDecython extends GhidraScript {
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,254}");

  private static String plain(String text) {
    StringBuilder result = new StringBuilder();
    for (int i = 0; i < Math.min(text.length(), 400); i++) {
      char c = text.charAt(i);
      result.append(c >= 32 && c != 127 && c < 0x2000 ? c : '?');
    }
    return result.toString();
  }

  @Override
  public void run() throws Exception {
    File file = askFile("Symbols of decython", "Load");
    JsonObject document;
    try (Reader reader =
        new InputStreamReader(new FileInputStream(file), StandardCharsets.UTF_8)) {
      document = JsonParser.parseReader(reader).getAsJsonObject();
    }
    if (!"decython-symbols".equals(document.get("format").getAsString())
        || document.get("version").getAsInt() != 1) {
      throw new IllegalArgumentException("not a decython symbol file of version 1");
    }
    Address base = currentProgram.getImageBase();
    for (JsonElement element : document.getAsJsonArray("functions")) {
      JsonObject row = element.getAsJsonObject();
      String name = row.get("name").getAsString();
      if (!NAME.matcher(name).matches()) continue;
      Address address = base.add(row.get("address").getAsLong());
      Function function = getFunctionAt(address);
      if (function == null) function = createFunction(address, name);
      if (function == null) continue;
      function.setName(name, SourceType.IMPORTED);
      String comment = row.get("comment").getAsString();
      if (!comment.isEmpty()) function.setComment(plain(comment));
    }
    for (JsonElement element : document.getAsJsonArray("data")) {
      JsonObject row = element.getAsJsonObject();
      String name = row.get("name").getAsString();
      if (!NAME.matcher(name).matches()) continue;
      Address address = base.add(row.get("address").getAsLong());
      createLabel(address, name, true, SourceType.IMPORTED);
      currentProgram.getListing().setComment(
          address, CodeUnit.PRE_COMMENT, plain(row.get("comment").getAsString()));
    }
    for (JsonElement element : document.getAsJsonArray("comments")) {
      JsonObject row = element.getAsJsonObject();
      currentProgram.getListing().setComment(
          base.add(row.get("address").getAsLong()), CodeUnit.PRE_COMMENT,
          plain(row.get("text").getAsString()));
    }
  }
}
