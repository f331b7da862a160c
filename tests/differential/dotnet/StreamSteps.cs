// NetworkStream.
using System;
using System.Collections.Generic;
using System.IO;
using System.Net.Sockets;
using System.Reflection;
using System.Threading.Tasks;

namespace Differential;

static class StreamSteps
{
    public static void Add(Dictionary<string, Func<Run, Step, string>> plain, Dictionary<string, Func<Run, Step, Call>> calls)
    {
        plain["stream"] = Create;
        plain["stream-socket"] = (run, step) => run.ShowSocket(step, run.Object<NetworkStream>(step, 1).Socket);
        plain["stream-close"] = (run, step) => Ok(Of(run, step).Close);
        plain["stream-close-within"] = (run, step) => Ok(() => Of(run, step).Close(Values.Int(run, step, step[1])));
        plain["stream-read-byte"] = (run, step) => $"ok {Of(run, step).ReadByte()}";
        plain["stream-write-byte"] = (run, step) => Ok(() => Of(run, step).WriteByte((byte)Values.Int(run, step, step[1])));
        plain["stream-get"] = Get;
        plain["stream-set"] = Set;
        calls["stream-read"] = Read;
        calls["stream-write"] = Write;
        calls["stream-flush"] = Flush;
    }

    static NetworkStream Of(Run run, Step step) => run.Object<NetworkStream>(step, 0);

    static string Ok(Action action)
    {
        action();
        return "ok";
    }

    static async Task<string> Ok(Task task)
    {
        await task;
        return "ok";
    }

    static async Task<string> Ok(ValueTask task)
    {
        await task;
        return "ok";
    }

    static string Create(Run run, Step step)
    {
        Socket socket = step[1].Is("null") ? null : run.Socket(step, step[1]);
        bool owns = step.Named("owns") == "true";
        return run.KeepObject(step, step.Named("access") is string access
            ? new NetworkStream(socket, Values.Name<FileAccess>(step, Word.Of(access)), owns)
            : new NetworkStream(socket, owns));
    }

    static Call Read(Run run, Step step)
    {
        NetworkStream stream = Of(run, step);
        byte[] data = TransferSteps.RoomOf(run, step, step[1]);
        return new Call
        {
            Blocking = () => "ok" + TransferSteps.Received(data, stream.Read(data, 0, data?.Length ?? 1)),
            Task = async token => "ok" + TransferSteps.Received(data, data == null
                ? await stream.ReadAsync(data, 0, 1, token) : await stream.ReadAsync(data.AsMemory(), token)),
        };
    }

    static Call Write(Run run, Step step)
    {
        NetworkStream stream = Of(run, step);
        byte[] data = step[1].Is("null") ? null : Values.Data(run, step[1]);
        return new Call
        {
            Blocking = () => Ok(() => stream.Write(data, 0, data?.Length ?? 1)),
            Task = token => data == null ? Ok(stream.WriteAsync(data, 0, 1, token)) : Ok(stream.WriteAsync(data.AsMemory(), token)),
        };
    }

    static Call Flush(Run run, Step step)
    {
        NetworkStream stream = Of(run, step);
        return new Call { Blocking = () => Ok(stream.Flush), Task = token => Ok(stream.FlushAsync(token)) };
    }

    static string Get(Run run, Step step)
    {
        NetworkStream stream = Of(run, step);
        object value = step[1].Text switch
        {
            "CanRead" => stream.CanRead,
            "CanWrite" => stream.CanWrite,
            "CanSeek" => stream.CanSeek,
            "CanTimeout" => stream.CanTimeout,
            "DataAvailable" => stream.DataAvailable,
            "ReadTimeout" => stream.ReadTimeout,
            "WriteTimeout" => stream.WriteTimeout,
            _ => throw new Broken(step, "unknown property: " + step[1].Text),
        };
        return "ok " + PropertySteps.Lower(value);
    }

    static void SetHidden(NetworkStream stream, string name, bool value) =>
        typeof(NetworkStream).GetProperty(name, BindingFlags.NonPublic | BindingFlags.Instance).SetValue(stream, value);

    static string Set(Run run, Step step)
    {
        NetworkStream stream = Of(run, step);
        switch (step[1].Text)
        {
            case "ReadTimeout": stream.ReadTimeout = Values.Int(run, step, step[2]); break;
            case "WriteTimeout": stream.WriteTimeout = Values.Int(run, step, step[2]); break;
            case "Readable" or "Writeable": SetHidden(stream, step[1].Text, Values.Bool(step, step[2])); break;
            default: throw new Broken(step, "unknown property, or one that is only read: " + step[1].Text);
        }
        return "ok";
    }
}
