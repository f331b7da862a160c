// Files and lists of packets.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Sockets;

namespace Differential;

static class FileSteps
{
    public static void Add(Dictionary<string, Func<Run, Step, string>> plain, Dictionary<string, Func<Run, Step, Call>> calls)
    {
        plain["write-file"] = WriteFile;
        plain["packet-element"] = PacketElement;
        calls["send-file"] = SendFile;
        calls["send-packets"] = SendPackets;
    }

    static string WriteFile(Run run, Step step)
    {
        File.WriteAllBytes(Values.Text(run, step[0]), Values.Data(run, step[1]));
        return "ok";
    }

    static TransmitFileOptions Options(Step step)
    {
        TransmitFileOptions all = TransmitFileOptions.UseDefaultWorkerThread;
        foreach (string name in step.Named("flags")?.Split(',') ?? [])
            all |= Values.Name<TransmitFileOptions>(step, Word.Of(name));
        return all;
    }

    static Call SendFile(Run run, Step step)
    {
        Socket socket = run.Socket(step, step[0]);
        string path = step[1].Is("null") ? null : Values.Text(run, step[1]);
        TransmitFileOptions options = Options(step);
        bool simple = step.Count == 2;
        byte[] Part(int index) => step.Count <= 3 || step[index].Is("null") ? null : Values.Data(run, step[index]);
        byte[] before = Part(2), behind = Part(3);
        return new Call
        {
            Blocking = () =>
            {
                if (simple) socket.SendFile(path);
                else socket.SendFile(path, before, behind, options);
                return "ok";
            },
            Task = async token =>
            {
                if (simple) await socket.SendFileAsync(path, token);
                else await socket.SendFileAsync(path, before, behind, options, token);
                return "ok";
            },
        };
    }

    static SendPacketsElement Element(Run run, Step step, Word word)
    {
        if (word.Quoted) return new SendPacketsElement(Values.Data(run, word));
        if (word.Is("null")) return null;
        string[] parts = word.Text.Replace("$DIR", run.Folder).Split(':');
        if (parts.Length < 2) throw new Broken(step, "neither text nor file:PATH: " + word.Text);
        long offset = parts.Length > 2 ? long.Parse(parts[2]) : 0;
        int count = parts.Length > 3 ? int.Parse(parts[3]) : 0;
        if (parts[0] != "handle") return new SendPacketsElement(parts[1], offset, count);
        var file = new FileStream(parts[1], FileMode.Open, FileAccess.Read, FileShare.Read, 4096, FileOptions.Asynchronous);
        return new SendPacketsElement(file, offset, count);
    }

    static Call SendPackets(Run run, Step step)
    {
        Socket socket = run.Socket(step, step[0]);
        SendPacketsElement[] elements = step.Words.Skip(1)
            .Where(word => word.Quoted || !word.Text.StartsWith("flags=", StringComparison.Ordinal))
            .Select(word => Element(run, step, word)).ToArray();
        return new Call
        {
            Configure = e => { e.SendPacketsElements = elements; e.SendPacketsFlags = Options(step); },
            StartEvent = socket.SendPacketsAsync,
            Show = e => $" {e.BytesTransferred}",
        };
    }

    static string PacketElement(Run run, Step step)
    {
        SendPacketsElement element = step[0].Is("memory")
            ? new SendPacketsElement(step[1].Is("null") ? null : Values.Data(run, step[1]))
            : new SendPacketsElement(step[1].Is("null") ? null : Values.Text(run, step[1]), Values.Number(run, step, step[2]), Values.Int(run, step, step[3]));
        return $"ok {element.OffsetLong} {element.Count}" + Output.Bool(element.EndOfPacket);
    }
}
